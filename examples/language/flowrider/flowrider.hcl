flowrider {
  required_version = ">= 0.0"
  runs             = "records"
  on_finish        = ["sh", "-c", "cat > last-apply.json"]
}

flow "command" "hello" {
  argv = ["echo", "hello"]
}
