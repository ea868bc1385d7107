"""What nobody has imported when the component is built."""
