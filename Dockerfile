# The same image for every service of docker-compose.yaml. The lock decides what is in it, as everywhere else.
FROM python:3.12-slim-bookworm

RUN apt-get update \
 && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-fra \
 && rm -rf /var/lib/apt/lists/*

# The folders exist before volumes are mounted on them, so that the volumes take over their owner.
RUN useradd --uid 50000 --gid 0 --home-dir /opt/airflow --create-home airflow \
 && install -d -o airflow -g 0 -m 0775 /opt/airflow/logs /srv/chorus /srv/chorus/files

WORKDIR /opt/airflow
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY pyproject.toml README.md ./
COPY include include
COPY plugins plugins
COPY dags dags
RUN pip install --no-cache-dir --no-deps --editable .

ENV AIRFLOW_HOME=/opt/airflow \
    PYTHONUNBUFFERED=1
USER airflow
