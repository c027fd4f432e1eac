"""Trials of detectors on streams whose truth is known: `courtpulse bench spikes`."""
