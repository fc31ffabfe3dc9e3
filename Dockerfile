# The image of `salesplan`. Builds with the classic builder as well as with BuildKit.
#
#   docker build --build-arg REVISION="$(git rev-parse HEAD)" --tag salesplan .

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m venv --without-pip /opt/salesplan \
 && python -m pip install --quiet --require-hashes --requirement requirements/build.txt \
 && python -m pip --python /opt/salesplan/bin/python install --quiet --no-compile --only-binary :all: \
      --require-hashes --requirement requirements/runtime.txt
COPY pyproject.toml README.md ./
COPY console console
COPY contracts contracts
COPY db db
COPY worker worker
# The file system is read-only later on, so that all bytecode is made here; nothing ever compares it with its source.
RUN python -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir dist . \
 && python -m pip --python /opt/salesplan/bin/python install --quiet --no-compile --no-index --no-deps dist/*.whl \
 && /opt/salesplan/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/salesplan/lib

FROM python:3.13-slim
LABEL org.opencontainers.image.title="salesplan" \
      org.opencontainers.image.description="Assigns each new lead to a sales manager exactly once: Kafka in, Postgres, Kafka out."
RUN groupadd --gid 10001 salesplan \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin salesplan
COPY --from=build /opt/salesplan /opt/salesplan
ENV PATH=/opt/salesplan/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SALESPLAN_OPS__HOST=:: \
    SALESPLAN_OPS__PORT=8081 \
    SALESPLAN_CONSOLE__HOST=:: \
    HEALTHCHECK_PATH=/livez
# Last of what changes, so that another commit alone makes no layer anew. For /version and salesplan_build_info.
ARG REVISION=
ENV SALESPLAN_OPS__REVISION=$REVISION
LABEL org.opencontainers.image.revision=$REVISION
USER 10001:10001
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-Ic", "import http.client, os, sys; probe = http.client.HTTPConnection('127.0.0.1', int(os.environ['SALESPLAN_OPS__PORT']), timeout=4); probe.request('GET', os.environ['HEALTHCHECK_PATH']); sys.exit(probe.getresponse().status != 200)"]
ENTRYPOINT ["salesplan"]
CMD ["run"]
