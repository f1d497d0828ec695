"""The kinds of headgate.dev/v1alpha1 as pydantic models: the only source of the CRDs in crds/."""
