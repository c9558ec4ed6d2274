locals {
  regions = { uk = "GB", fr = "FR" }
  names   = [for key, code in local.regions : "${key}-${code}"]
}

flow "command" "report" {
  for_each   = local.regions
  argv       = ["echo", "report"]
  parameters = { region = each.key, code = each.value, all = local.names }
}
