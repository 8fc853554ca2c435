namespace ModelCompiler.Tool.Terminal;

/// <summary>Where a command writes: results to standard output, all else to standard error.</summary>
/// <param name="Output">Results, for people or as one JSON document.</param>
/// <param name="Error">Progress and problems.</param>
internal sealed record Streams(TextWriter Output, TextWriter Error)
{
    /// <summary>Says what is being done.</summary>
    /// <param name="prefix">Begins each line.</param>
    /// <param name="isResult">Whether it belongs among the results, which a build shows, rather than to the progress, which it shows on request.</param>
    public IProgress<string> Progress(string prefix = "", bool isResult = false) => new LineProgress(isResult ? Output : Error, prefix);

    /// <summary>Reports in the order of the calls; <see cref="Progress{T}"/> would post them to other threads.</summary>
    private sealed class LineProgress(TextWriter writer, string prefix) : IProgress<string>
    {
        public void Report(string value)
        {
            lock (writer) writer.WriteLine(prefix + value);
        }
    }
}
