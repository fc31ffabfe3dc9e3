"""Messages that wait to be published, and the slots that say which worker may publish them."""
