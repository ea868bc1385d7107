module example.com/reference

go 1.27

require drillmaster.dev/drillmaster v0.0.0

replace drillmaster.dev/drillmaster => ../../../../guest-sdk/go
