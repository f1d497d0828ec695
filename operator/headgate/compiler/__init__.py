"""From what a person wrote to Argo manifests: parse, graph, check, plan, bundle, emit. Pure: no clock, no I/O."""
