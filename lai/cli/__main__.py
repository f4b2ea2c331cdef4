from lai.cli import main

main()
