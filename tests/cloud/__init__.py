"""From this tree to a stack in AWS."""
