variable "password" {
  default   = "a made-up password"
  sensitive = true
}

environment "pip" "tools" {
  packages = { six = "" }
}

project "here" {}

hook "python" "columns" {
  function    = "hooks:columns"
  args        = ["data.csv"]
  kwargs      = { skip = ["id"] }
  environment = environment.tools
  project     = project.here
  pure        = true
  timeout     = 30
}

hook "python" "login" {
  function  = "hooks:login"
  args      = [var.password]
  sensitive = true
}

hook "python" "today" {
  function = "hooks:today"
  ambient  = true
}

hook "python" "size" {
  for_each = toset(["data.csv", "more.csv"])
  function = "hooks:size"
  args     = [each.key]
}

flow "command" "clean" {
  argv       = ["echo", hook.today]
  parameters = { columns = hook.columns, sizes = hook.size, first = hook.size["data.csv"] }
  secrets    = { LOGIN = hook.login }
}
