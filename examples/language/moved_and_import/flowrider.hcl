flow "command" "tidy" {
  argv = ["echo", "tidied"]
}

flow "command" "train" {
  for_each = toset(["forest", "tree"])
  argv     = ["echo", each.key]
}

moved { # it was called clean before
  from = flow.clean
  to   = flow.tidy
}

moved { # it had no for_each before
  from = flow.train
  to   = flow.train["forest"]
}

import { # a run that was made by other means
  to     = flow.tidy
  run_id = null
}
