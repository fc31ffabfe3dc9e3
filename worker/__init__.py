"""Assigns each new lead to a sales manager. `README.md` beside this file tells the way of an event, room by room."""
