using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Benchmarks;

/// <summary>A compilation in a process of its own, so that its CPU time and memory are its own; without labels, which the peer does not get either.</summary>
internal static class ChildCompilation
{
    public const string Verb = "compile-one";

    /// <summary>Compiles and waits; null where the precision does not apply to the model, which is said.</summary>
    public static CompilationCost? Start(QuantizedModel model, Precision precision, TargetCpu cpu, string output)
    {
        string[] arguments = [Verb, model.Path, model.Calibration, precision.ToString(), cpu.ToString(), output];
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0)
        {
            double[] numbers = [.. text.Split().Where(word => word.Length > 0).Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
            return new CompilationCost(numbers[0], numbers[1]);
        }
        Console.WriteLine($"{model.Name,-18} {precision,-22} {error.Result.Trim().Split('\n')[0]}");
        return null;
    }

    /// <summary>The child's part.</summary>
    public static int Run(string model, string calibration, string precision, string cpu, string output)
    {
        try
        {
            var options = new CompileOptions
            {
                Precision = Enum.Parse<Precision>(precision),
                CalibrationPath = calibration,
                Target = TargetProfile.Cpu(Enum.Parse<TargetCpu>(cpu)),
            };
            CompileResult result = Compiler.Compile(OnnxReader.Read(model), options);
            OnnxWriter.Write(result.Model, output);
        }
        catch (CompilerException e)
        {
            Console.Error.WriteLine($"{e.Code}: {e.Message}");
            return 1;
        }
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{process.TotalProcessorTime.TotalSeconds} {process.PeakWorkingSet64 / (1024.0 * 1024.0)}"));
        return 0;
    }
}
