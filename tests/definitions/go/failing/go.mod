module example.com/failing

go 1.25

require drillmaster.dev/drillmaster v0.0.0

replace drillmaster.dev/drillmaster => ../../../../guest-sdk/go
