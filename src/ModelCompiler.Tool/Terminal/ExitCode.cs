namespace ModelCompiler.Tool.Terminal;

/// <summary>How <c>modelc</c> ends.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The model or the settings are at fault.</summary>
    public const int Failed = 1;

    /// <summary>The command line is not understood.</summary>
    public const int Usage = 2;

    /// <summary>A budget was missed.</summary>
    public const int BudgetMissed = 3;

    /// <summary>A bug of ours.</summary>
    public const int InternalError = 70;

    /// <summary>Stopped by Ctrl-C, as shells count it: 128 and the number of the signal.</summary>
    public const int Cancelled = 130;

    /// <summary>The exit code for a diagnostic.</summary>
    public static int Of(string code) => code.StartsWith("OM4", StringComparison.Ordinal) ? BudgetMissed
        : code.StartsWith("OM9", StringComparison.Ordinal) ? InternalError
        : Failed;
}
