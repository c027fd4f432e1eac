"""Who is told of an alert, who isn't, and why: settings, stages, clocks, threshold steps.

`alerts.policy.stages` is the list to read first. `alerts.policy.run` applies it to what is open.
"""
