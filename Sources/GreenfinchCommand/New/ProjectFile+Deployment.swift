extension ProjectFile {
  /// An image of two stages, whose process is not root.
  static func dockerfile(_ program: String) -> String {
    """
    # docker build --tag \(program) . && docker run --publish 8000:8000 \(program)
    # Greenfinch must be named by the address of a repository in Package.swift: a folder beside this one is not in the image.

    # The Swift image's Debian and the one that runs must be the same: the libraries are linked by their versions.
    FROM swift:6.3-bookworm AS build
    RUN apt-get update \\
     && apt-get install --yes --no-install-recommends libev-dev libc-ares-dev \\
     && rm -rf /var/lib/apt/lists/*
    WORKDIR /build
    COPY Package.* ./
    RUN swift package resolve
    COPY . .
    RUN swift build --configuration release --static-swift-stdlib --product \(program) \\
     && install -D --strip "$(swift build --configuration release --static-swift-stdlib --show-bin-path)/\(program)" /out/app

    FROM debian:bookworm-slim
    RUN apt-get update \\
     && apt-get install --yes --no-install-recommends ca-certificates libev4 libc-ares2 \\
     && rm -rf /var/lib/apt/lists/* \\
     && useradd --system --uid 10001 --no-create-home app \\
     && install --directory --mode 1777 /run/app
    COPY --from=build /out/app /usr/local/bin/\(program)
    # Any other user will do as well: the folder of the control socket is anybody's, as /tmp is.
    USER 10001
    ENV GREENFINCH_CMD_ARGS="--control-socket /run/app/control.sock"
    EXPOSE 8000
    STOPSIGNAL SIGTERM
    HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["\(program)", "ctl", "status"]
    ENTRYPOINT ["\(program)"]
    CMD ["--bind", "0.0.0.0:8000", "--worker-class", "green", "--access-logfile", "-"]

    """
  }

  /// For systemd, which opens the socket, knows when the program is ready, and starts it anew where it hangs.
  static func unit(_ program: String) -> String {
    """
    # /etc/systemd/system/\(program).service
    [Unit]
    Description=\(program)
    Requires=\(program).socket
    After=network.target \(program).socket

    [Service]
    Type=notify
    NotifyAccess=main
    ExecStart=/usr/local/bin/\(program) --workers 2 --worker-class green --bind fd://web --graceful-timeout 30
    ExecReload=/bin/kill -HUP $MAINPID
    WatchdogSec=30
    Restart=on-failure
    TimeoutStopSec=35
    KillMode=mixed
    LimitNOFILE=65536
    DynamicUser=yes
    NoNewPrivileges=yes
    PrivateTmp=yes
    ProtectSystem=strict
    ProtectHome=yes

    [Install]
    WantedBy=multi-user.target

    """
  }

  static func socket(_ program: String) -> String {
    """
    # /etc/systemd/system/\(program).socket
    [Socket]
    ListenStream=127.0.0.1:8000
    FileDescriptorName=web
    Backlog=2048

    [Install]
    WantedBy=sockets.target

    """
  }

  static func readme(_ program: String) -> String {
    """
    # \(program)

    A web service on Greenfinch. It needs Linux, Swift 6.3, and Debian's `libev-dev` and `libc-ares-dev`.

    ```sh
    swift test
    swift run \(program) -k green --reload --debug   # http://127.0.0.1:8000, built anew when you save
    swift run \(program) routes                      # what it answers
    swift run \(program) check                       # whether it is set up rightly
    ```

    `Dockerfile` makes an image. `\(program).service` and `\(program).socket` are for systemd.

    """
  }
}
