"""What is known of bank accounts before they are debited."""
