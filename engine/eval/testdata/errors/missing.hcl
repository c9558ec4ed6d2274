flow "metaflow" "clean" { # ERROR: Missing argument
}

flow "command" "2nd" { # ERROR: Invalid name
  argv = ["true"]
}

hook "python" "info" { # ERROR: Missing argument
}

output "x" { # ERROR: Missing argument
}
