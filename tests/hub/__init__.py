"""A JupyterHub on this machine, configured as `matchmaker host` says for a cluster."""
