"""The whole of AWS on one machine: moto, a clock that can be moved, a control room."""
