# The smallest pipeline: three commands that hand files on. It needs a POSIX
# shell and nothing else. In this folder:
#
#   flowrider apply        runs all three, and writes out/card.txt
#   flowrider apply        again: runs nothing, for nothing has changed
#
# Then change the name below and look at `flowrider plan`.

variable "name" {
  type    = string
  default = "world"
}

# A flow runs in a folder of its own, its bundle. What it writes is thrown away
# with the bundle, but for the files that an `output` block declares: they are
# kept, and placed here under the same name.
flow "command" "greet" {
  argv = ["sh", "-c", "echo \"Hello, $NAME!\" > out/greeting.txt"]
  env  = { NAME = var.name }

  output "greeting" { file = "out/greeting.txt" }

  # The files that the command can see. Without this block the bundle is a copy
  # of the whole folder, and a change of any file in it runs the flow again.
  bundle { include = [] }
}

# To use a file of another flow, refer to it. That makes the dependency:
# `shout` runs after `greet`, and again whenever the greeting changes.
flow "command" "shout" {
  argv = ["sh", "-c", "tr '[:lower:]' '[:upper:]' < \"$GREETING\" > out/shout.txt"]
  env  = { GREETING = flow.greet.output.greeting.path }

  output "shout" { file = "out/shout.txt" }

  bundle { include = [] }
}

# A longer command is better off in a file. It is part of the bundle, so a
# change of card.sh runs this flow again. Here the files are arguments.
flow "command" "card" {
  argv = ["sh", "card.sh", flow.greet.output.greeting.path, flow.shout.output.shout.path]

  output "card" { file = "out/card.txt" }

  bundle { include = ["card.sh"] }
}

output "card" {
  description = "The file with the finished card."
  value       = flow.card.output.card.path
}
