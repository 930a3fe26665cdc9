-- A group's branch is a range of paths in byte order: '/' and the character after it, '0', enclose it.
create index fleet_group_branch on fleet_group (path collate "C");
