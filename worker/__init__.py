"""Assigns each new lead to a sales manager.

The way of an event, module by module::

    intake      polls Kafka behind a gate and checks that no offset is missed
    decode      bytes become an event, or poison
    match       which plans the event enters (pure; from the cached planbook)
    decide      which manager gets the lead (pure)
    ledger      the one transaction: locks, decisions, counters, positions, outbox
    messages    what is announced, byte for byte
    publish     the outbox, its rows in Kafka transactions, from a leased slot
"""
