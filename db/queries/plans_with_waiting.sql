-- Plans in which leads wait, for the wake-up after a manager came back.
select plan_no from salesplan.plan_counter where waiting > 0
