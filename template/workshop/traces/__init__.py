"""What the agent has collected, as trees of spans."""
