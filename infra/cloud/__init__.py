"""From this tree to a stack in AWS: the package, its template, its rights, its deployment."""
