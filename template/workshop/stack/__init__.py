"""The services: started, watched and stopped, as processes or containers."""
