namespace ModelCompiler.Tool.Terminal;

/// <summary>Where a command writes: results to standard output, all else to standard error.</summary>
/// <param name="Output">Results, for people or as one JSON document.</param>
/// <param name="Error">Progress and problems.</param>
internal sealed record Streams(TextWriter Output, TextWriter Error)
{
    /// <summary>Says what is being done.</summary>
    public IProgress<string> Progress(string prefix = "") => new LineProgress(Error, prefix);

    /// <summary>Reports in the order of the calls; <see cref="Progress{T}"/> would post them to other threads.</summary>
    private sealed class LineProgress(TextWriter writer, string prefix) : IProgress<string>
    {
        public void Report(string value)
        {
            lock (writer) writer.WriteLine(prefix + value);
        }
    }
}
