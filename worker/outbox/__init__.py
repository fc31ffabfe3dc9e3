"""Messages that wait to be published, and the slots that give one worker the right to publish them."""
