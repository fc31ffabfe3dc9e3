"""The statements of every batch, prepared as a worker prepares them."""

PREPARE = 'prepare "{}" as {}'
TWO = "array['lead-7', 'lead-4711']"
ACCOUNTS = "array['acme', 'acme']"
ZEROS = ", ".join(["'{0,0}'"] * 7)
STATEMENTS = {
    "batch/lock_counters": "'{1,2}'",
    "batch/find_assigned": "'{3,2}', e'lead-7\nlead-4711'",
    "batch/find_waiting": f"'{{8,7}}', {TWO}",
    "batch/find_contacts": f"{ACCOUNTS}, {TWO}",
    "batch/find_owners": f"{ACCOUNTS}, {TWO}",
    "batch/take_waiting": "8, 5",
    "plans/with_waiting": "",
    "batch/drop_waiting": "'{8,7}', '{12,11}'",
    "batch/move_counters": "array['(0,1)', '(0,2)']::tid[], '{5,5}', '{0,0}', array['{5}', '{5}'], array['{5}', '{5}']",
    "batch/move_positions": f"'salesplan', array['order', 'paid'], '{{1,2}}', '{{0,0}}', '{{1,1}}', {ZEROS}, 1",
}


def call(name: str) -> str:
    return f'"{name}" ({STATEMENTS[name]})' if STATEMENTS[name] else f'"{name}"'
