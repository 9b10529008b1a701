"""What ``doctor`` looks at: the installation, the configuration, and the endpoint as its callers meet it."""
