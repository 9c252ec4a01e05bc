"""The trainee's command: runs the workshop's services and shows their traces. No exercise in it."""
