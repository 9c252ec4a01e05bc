"""Writes what an administrator needs to host a session on a Kubernetes cluster."""
