locals {
  run   = flow.a.run_id
  inner = "x-${local.run}"
  plain = "p"
}

variable "name" { default = "v" }

hook "python" "where" {
  function = "a:b"
  project  = local.run # ERROR: Reference not possible here
}

project "p" {
  root = local.inner # ERROR: Reference not possible here
}

environment "pip" "ml" {
  packages = { a = hook.where } # ERROR: Reference not possible here
}

flow "command" "a" {
  argv        = ["true"]
  run_id_file = local.plain
}

flow "command" "b" {
  for_each    = { k = "w" }
  argv        = ["true", flow.a.run_id]
  project     = hook.where # ERROR: Reference not possible here
  run_id_file = "${flow.a.run_id}.txt" # ERROR: Reference not possible here

  output "right" {
    file    = "${each.key}-${each.value}-${var.name}-${upper(local.plain)}.txt"
    publish = "${each.key}.txt"
  }
  output "wrong" {
    file    = flow.a.run_id # ERROR: Reference not possible here
    publish = "${local.inner}/y" # ERROR: Reference not possible here
  }
}
