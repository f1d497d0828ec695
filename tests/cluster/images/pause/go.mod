module headgate.dev/tests/cluster/images/pause

go 1.26.0
