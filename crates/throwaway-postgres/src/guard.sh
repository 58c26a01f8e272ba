# The guard of one throwaway folder. It owns the folder and what runs in it, and
# reads its orders from a pipe that the tool holds: when the tool ends, however
# it ends, the pipe ends, the server is stopped and the folder is removed.
#
#   run PROGRAM ARGS…     run to the end, answer `exited STATUS`
#   serve PROGRAM ARGS…   run until told `shutdown` (answer `exited STATUS`),
#                         or until the end of the pipe
#
# Signals from a terminal or a job control are for the tool, not for the guard.
dir=$1
trap '' HUP INT TERM PIPE
exec 3<&0
cd "$dir" || exit 1

while read -r order words; do
    eval "set -- $words"
    case $order in
    run)
        "$@" </dev/null 3<&- >>"$dir/init.log" 2>&1
        echo "exited $?"
        ;;
    serve)
        "$@" </dev/null 3<&- >>"$dir/server.log" 2>&1 &
        server=$!
        (
            while read -r order; do
                if [ "$order" = shutdown ]; then
                    kill -INT "$server"
                    exit
                fi
            done
            # Again and again: the shell starts it with SIGQUIT ignored, and a server that
            # has not come to its own handler yet would miss the only one.
            while kill -QUIT "$server"; do sleep 0.05; done
        ) <&3 &
        listener=$!
        wait "$server"
        status=$?
        kill -KILL "$listener"
        wait "$listener"
        echo "exited $status"
        ;;
    esac
done

# A server that died hard left its SysV segment; the pid file that it left names it.
segment=$(sed -n '7s/^ *[0-9][0-9]* *//p' data/postmaster.pid)
[ -n "$segment" ] && ipcrm -m "$segment"

cd / && rm -rf "$dir"
