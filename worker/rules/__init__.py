"""The rules: which plans an event enters, and which manager gets the lead. Pure."""
