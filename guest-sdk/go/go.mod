module drillmaster.dev/drillmaster

go 1.25
