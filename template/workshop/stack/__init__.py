"""Starts, watches, and stops the services, as processes or containers."""
