"""Reads spans from the agent and builds trees from them."""
