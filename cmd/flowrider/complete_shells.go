package main

// zshScript asks flowrider with the words before the cursor, each quoted, and the one
// that is being typed behind its quote if one is open. zsh quotes what it puts in.
const zshScript = `#compdef flowrider
compdef _flowrider flowrider

# zsh completion for flowrider
_flowrider() {
  local line option tab=$'\t'
  local -a found shown
  while IFS= read -r line; do
    case $line in
      :*) option=${line#:} ;;
      *) found+=("${line%%$tab*}") shown+=("${line/$tab/  -- }") ;;
    esac
  done < <("${(Q)words[1]/#\~\//$HOME/}" ` + completeLine + ` "flowrider ${(j: :)${(@qq)${(@Q)words[2,CURRENT-1]}}} ${compstate[quote]}$PREFIX" 2>/dev/null)
  case $option in
    files) compadd -d shown -a found; _files ;;
    folders) _files -/ ;;
    nospace) compadd -S '' -d shown -a found ;;
    *) compadd -d shown -a found ;;
  esac
}

if [[ $funcstack[1] == _flowrider ]]; then
  _flowrider "$@"
fi
`

// fishScript asks flowrider with the line as it is typed, up to the cursor. fish quotes
// what it puts in.
const fishScript = `# fish completion for flowrider
function __flowrider_complete
  set -l option
  for line in (command flowrider ` + completeLine + ` (commandline -cp | string collect) 2>/dev/null)
    if string match -q -- ':*' $line
      set option $line
    else
      printf '%s\n' $line
    end
  end
  switch "$option"
    case :files
      __fish_complete_path (commandline -ct)
    case :folders
      __fish_complete_directories (commandline -ct)
  end
end
complete -c flowrider -e
complete -c flowrider -f -a '(__flowrider_complete)'
`
