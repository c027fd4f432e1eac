"""The program: settings, the flow that wires the rooms, the command line."""
