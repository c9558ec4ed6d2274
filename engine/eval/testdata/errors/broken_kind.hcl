environment "conda" "ml" { # ERROR: Unknown kind
  colour = "green"
}

hook "pyton" "info" { # ERROR: Unknown kind
}

flow "metaflw" "clean" { # ERROR: Unknown kind
  file = "clean.py"
}

flow "command" "report" {
  environment = environment.ml
  argv        = ["true", flow.clean.anything, flow.clean["k"].output.x.path, hook.info]
  depends_on  = [flow.clean]
  env         = { ID = flow.zz.run_id } # ERROR: Unknown reference
}
