"""The page on which an instructor sees where everybody is, while they move."""
