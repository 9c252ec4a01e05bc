"""The end: a record of what a trainee did, and the sheet that shows it."""
