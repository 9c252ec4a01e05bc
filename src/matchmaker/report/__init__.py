"""What a run did, and where everybody stands."""
