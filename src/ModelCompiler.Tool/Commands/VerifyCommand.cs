using System.CommandLine;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Commands;

/// <summary><c>modelc verify</c>: recomputes every hash of a compiled output.</summary>
internal sealed class VerifyCommand(Streams streams)
{
    private readonly Argument<string> _folder = new("folder") { Description = "A folder with compiled models and their manifests." };
    private readonly Option<string?> _source = new("--source") { Description = "Also check that this is the model that was compiled." };
    private readonly Option<bool> _json = ModelArguments.Json();

    public static Command Create(Streams streams) => new VerifyCommand(streams).Create();

    private Command Create()
    {
        var command = new Command("verify", "Recomputes the hashes that manifests and provenance files state, and names every file that differs.") { _folder, _source, _json };
        command.SetAction(result => Run(result));
        return command;
    }

    private int Run(ParseResult arguments)
    {
        string folder = arguments.GetRequiredValue(_folder);
        if (!Directory.Exists(folder)) throw DiagnosticTable.NothingToVerify.Error(folder);
        IReadOnlyList<VerifiedFile> files = OutputVerification.Run(folder, arguments.GetValue(_source));
        if (files.Count == 0) throw DiagnosticTable.NothingToVerify.Error(folder);
        Problem[] problems = [.. files.Where(file => !file.IsGood).Select(file => Problem.Of(ErrorOf(file), "verify"))];
        if (arguments.GetValue(_json)) streams.Output.Write(JsonText.Of(new VerifyDocument(files, problems)));
        else Write(files);
        ErrorReporter.Write(problems, "modelc", streams.Error);
        return problems.Length == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static CompilerException ErrorOf(VerifiedFile file) => file.Actual is { } actual
        ? DiagnosticTable.HashDiffers.Error(file.File, actual, file.StatedBy, file.Expected)
        : DiagnosticTable.StatedFileMissing.Error(file.File, file.StatedBy);

    private void Write(IReadOnlyList<VerifiedFile> files)
    {
        var table = new TextTable();
        foreach (VerifiedFile file in files) table.Add(file.IsGood ? "good" : "BAD", file.File, $"stated by {file.StatedBy}");
        table.WriteTo(streams.Output);
    }

    internal sealed record VerifyDocument(IReadOnlyList<VerifiedFile> Files, IReadOnlyList<Problem> Diagnostics);
}
