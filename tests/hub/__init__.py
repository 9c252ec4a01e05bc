"""A JupyterHub on this machine, with the configuration that `matchmaker host` writes for a cluster."""
